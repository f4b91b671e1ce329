export { AddressNotAllowedError, outboundAgent } from "./outbound-agent.ts";
export { GatewayClient, GatewayError, type GatewayFault } from "./gateway-client.ts";
export { postTo, type PostOutcome, type PostRequest } from "./post-to.ts";
