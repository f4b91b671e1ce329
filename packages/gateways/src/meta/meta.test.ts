import { describeGateway } from "../testing/describe-gateway.ts";
import { COUNTED, EXAMPLES } from "./examples.ts";
import { meta } from "./meta.ts";

describeGateway(meta, EXAMPLES, COUNTED);
