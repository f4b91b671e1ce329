import { createServer, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";

const notification = z.object({
  status: z.enum(["firing", "resolved"]),
  receiver: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});
export type Notification = z.infer<typeof notification>;

/** The receiver of Alertmanager's `webhook_configs`: keeps every notification. Call {@link stop} at the end. */
export class AlertReceiver {
  readonly notifications: Notification[] = [];
  readonly #server: Server;

  constructor(port: number) {
    this.#server = createServer((req, res) => {
      void json(req).then((body) => {
        this.notifications.push(notification.parse(body));
        res.writeHead(200).end();
      });
    }).listen(port, "127.0.0.1");
  }

  /** The notifications about an alert, in the order of arrival. */
  of(alertname: string): readonly Notification[] {
    return this.notifications.filter(({ alerts }) => alerts.some(({ labels }) => labels["alertname"] === alertname));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
