import express from "express";
import type { Webhook } from "./webhook.ts";

/** What a careful developer writes in an afternoon: Express with `express.json()`, a token, and 200 once the webhook is queued. */
export function startWebhookApp(take: (body: Webhook) => Promise<unknown>) {
  const { PORT, TOKEN = "" } = process.env;
  const app = express();
  app.use(express.json({ limit: "5mb" }));
  app.post("/webhook", async (req, res) => {
    if (req.headers.authorization !== `Bearer ${TOKEN}`) {
      res.sendStatus(401);
      return;
    }
    const body: unknown = req.body;
    await take(body as Webhook);
    res.sendStatus(200);
  });
  app.listen(Number(PORT), "127.0.0.1", () => process.send?.("ready"));
}
