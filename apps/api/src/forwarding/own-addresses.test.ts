import { expect, it } from "vitest";
import { leadsToUs } from "./own-addresses.ts";

const OWN = {
  publicUrl: "https://ticktally.example.com/in",
  redis: ["redis://:secret@127.0.0.1", "rediss://10.0.0.9:7000", "redis://no port:x"],
  hosts: ["192.0.2.7"],
  ports: [8081, 9103],
};

it.each([
  "https://ticktally.example.com/in/webhooks/green-api",
  "https://TICKTALLY.example.com./in/webhooks/meta",
  "http://ticktally.example.com/in/webhooks",
  "http://127.0.0.1:6379/",
  "http://10.0.0.9:7000/",
  "http://localhost:6379/",
  "http://[::1]:8081/bot",
  "http://[::ffff:127.0.0.1]:9103/",
  "http://2130706433:8081/",
  "http://127.1.:8081/",
  "http://0.0.0.0:8081/",
  "http://192.0.2.7:9103/metrics",
])("a target may not be at %s", (url) => {
  expect(leadsToUs(url, OWN)).toBe(true);
});

it.each([
  "https://ticktally.example.com/bot",
  "https://other.example.com/in/webhooks/green-api",
  "http://127.0.0.1:3000/bot",
  "http://192.0.2.7/bot",
  "http://localhost/bot",
])("a target may be at %s", (url) => {
  expect(leadsToUs(url, OWN)).toBe(false);
});
