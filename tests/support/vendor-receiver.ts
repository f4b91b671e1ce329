import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import whatsAppClient from "@green-api/whatsapp-api-client";
import express from "express";

/** The part of the package that its types leave out. */
interface Published {
  webhookAPI(app: express.Express, path: string): VendorWebhooks;
}

interface VendorWebhooks {
  onIncomingMessageText(take: (webhook: unknown, instance: number, idMessage: string) => void): void;
  onOutgoingMessageStatus(take: (webhook: unknown, instance: number, idMessage: string, status: string) => void): void;
}

/** A bot built with GREEN-API's own package: it answers 200 and authenticates its sender by one header. */
export class VendorReceiver {
  /** `<idMessage> <status or "received">`, as the package passed them to the bot. */
  readonly taken: string[] = [];
  /** The number of requests with a wrong token. */
  unauthorized = 0;
  #server: Server | undefined;
  readonly #app = express();

  private constructor(token: string) {
    this.#app.use((req, res, next) => {
      if (req.get("authorization") === token) {
        next();
        return;
      }
      this.unauthorized += 1;
      res.sendStatus(401);
    });
    this.#app.use(express.json());
    const webhooks = (whatsAppClient as unknown as Published).webhookAPI(this.#app, "/webhooks");
    webhooks.onIncomingMessageText((_, __, idMessage) => this.taken.push(`${idMessage} received`));
    webhooks.onOutgoingMessageStatus((_, __, idMessage, status) => this.taken.push(`${idMessage} ${status}`));
  }

  /** @param token the expected `Authorization` header */
  static async start(token: string): Promise<VendorReceiver> {
    const receiver = new VendorReceiver(token);
    await receiver.restart(0);
    return receiver;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | undefined)?.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/webhooks`;
  }

  async restart(port: number): Promise<void> {
    this.#server = createServer(this.#app);
    await new Promise<void>((resolve) => this.#server?.listen(port, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server === undefined ? resolve(undefined) : this.#server.close(resolve)));
  }
}
