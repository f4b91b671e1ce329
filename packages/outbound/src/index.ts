export { AddressNotAllowedError, outboundAgent } from "./outbound-agent.ts";
export { GatewayClient, GatewayError, type GatewayFault } from "./gateway-client.ts";
export { postingAgent, postTo, type PostOutcome, type PostRequest } from "./post-to.ts";
