export { AddressNotAllowedError, outboundAgent } from "./outbound-agent.ts";
export { postTo, type PostOutcome, type PostRequest } from "./post-to.ts";
