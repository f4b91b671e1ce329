// The limit of Node's HTTP server: reads the body, parses it, answers. Nothing is stored.
import { createServer } from "node:http";

const ANSWER = '{"success":true}\n';
const HEADERS = { "content-type": "application/json", "content-length": ANSWER.length };

createServer((req, res) => {
  /** @type {Buffer[]} */
  const chunks = [];
  req.on("data", (/** @type {Buffer} */ chunk) => chunks.push(chunk));
  req.on("end", () => {
    const [first] = chunks;
    JSON.parse((chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)).toString("utf8"));
    res.writeHead(200, HEADERS).end(ANSWER);
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1", () => process.send?.("ready"));
