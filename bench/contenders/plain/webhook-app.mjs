import express from "express";

/**
 * What a careful developer writes in an afternoon: Express with `express.json()`, a token, and 200 when it is taken.
 * @param {(body: import("./webhook.mjs").Webhook) => Promise<unknown>} take
 */
export function startWebhookApp(take) {
  const { PORT, TOKEN = "" } = process.env;
  const app = express();
  app.use(express.json({ limit: "5mb" }));
  app.post("/webhook", async (req, res) => {
    if (req.headers.authorization !== `Bearer ${TOKEN}`) {
      res.sendStatus(401);
      return;
    }
    /** @type {unknown} */
    const body = req.body;
    await take(/** @type {import("./webhook.mjs").Webhook} */ (body));
    res.sendStatus(200);
  });
  app.listen(Number(PORT), "127.0.0.1", () => process.send?.("ready"));
}
