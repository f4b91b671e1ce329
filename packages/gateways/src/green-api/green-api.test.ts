import { describeGateway } from "../testing/index.ts";
import { COUNTED, EXAMPLES } from "./examples.ts";
import { greenApi } from "./green-api.ts";

describeGateway(greenApi, EXAMPLES, COUNTED);
