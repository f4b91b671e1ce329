import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserPath } from "./support/browser.ts";
import { Downloads, openConsole, press, signIn, visit, waitForText } from "./support/console-page.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

const INSTANCE = freshInstance();
/** A text that a spreadsheet would evaluate as a formula. */
const FORMULA = "=1+1";

let system: System;
let browser: Browser;
let page: Page;
let downloads: Downloads;

/** The files that the console can save. */
describe.skipIf(browserPath === undefined)("a file saved from the console", () => {
  beforeAll(async () => {
    system = await sharedSystem();
    browser = await puppeteer.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    await system.send("POST", "/instances", { idInstance: INSTANCE, name: "sales" });
    // One after the other: messages of one second are listed in the order in which they were stored.
    for (const id of ["M1", "M2", "M3"]) {
      await system.accept(
        observation("api", INSTANCE, id),
        statusOf(INSTANCE, id, "sent"),
        statusOf(INSTANCE, id, "read"),
      );
      await system.drained();
    }
    await system.accept(
      failureOf(INSTANCE, "F1", "Timed Out, after a while"),
      statusOf(INSTANCE, "Q1", FORMULA),
      statusOf(INSTANCE, "Q2", "lost"),
    );
    await system.drained();
    await system.send("PUT", "/labels/spring", { instance: "sales", idMessages: ["M1"] });
    for (const name of ["grafana", FORMULA]) await system.send("POST", "/tokens", { name, scope: "read" });
    ({ page } = await openConsole(browser, system.apiOrigin));
    downloads = await Downloads.of(page);
    await signIn(page, ACCOUNT_TOKEN);
    await waitForText(page, "Overview");
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await downloads?.remove();
  });

  it.each([
    ["overview", "What became of the messages"],
    ["overview", "Over time"],
    ["overview", "Why messages fail"],
    ["overview", "When"],
    ["overview", "How fast they arrive"],
    ["overview", "How fast they are read"],
    ["failures", "Reasons by instance"],
    ["failures", "Over time"],
    ["labels", "By label"],
  ])("is a picture of the chart: on %s, %s", async (path, title) => {
    await visit(page, path);
    const width = await page.$eval(`.card[aria-label="${title}"]`, (card) => card.getBoundingClientRect().width);
    const { name, bytes } = await downloads.file(async () => press(page, `PNG of ${title}`));
    expect(name).toBe(`${title.toLowerCase().replaceAll(" ", "-")}.png`);
    const picture = await pictureOf(bytes);
    expect(picture.width).toBe(Math.ceil((width + 48) * 2));
    // Title, lines and numbers have several colours; an empty picture has one.
    expect(picture.colours).toBeGreaterThan(20);
  });

  /** The size of a picture and its number of colours. */
  async function pictureOf(bytes: Buffer): Promise<{ readonly width: number; readonly colours: number }> {
    return page.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      const data = context?.getImageData(0, 0, image.width, image.height).data ?? [];
      return { width: image.width, colours: new Set(new Uint32Array(new Uint8Array(data).buffer)).size };
    }, bytes.toString("base64"));
  }

  it("is the CSV that REST returns for the chosen filters", async () => {
    await visit(page, "messages?instance=sales&status=read&direction=outgoing");
    const href = await page.$eval(".table-tools a", (link) => link.href);
    const { status, text, headers } = await system.get(href.slice(system.apiOrigin.length));
    expect(`${String(status)} ${headers.get("content-type") ?? ""}`).toMatch(/^200 text\/csv/);
    expect(
      text
        .split("\r\n")
        .slice(1, -1)
        .map((line) => line.split(",")[0]),
    ).toEqual(["M3", "M2", "M1"]);
  });

  it.each([
    ["health", "quarantine", "Received,Why,Detail,Instance"],
    ["settings", "read tokens", "Name,Created,Last used"],
    ["failures", "newest failures", "When,Instance,Status,Reason"],
  ])("on %s is the table of %s, with formulas as text", async (path, name, header) => {
    await visit(page, path);
    const { name: file, bytes } = await downloads.file(async () => press(page, `CSV of ${name}`));
    expect(file).toBe(`${name.replaceAll(" ", "-")}.csv`);
    const lines = bytes.toString().split("\r\n");
    expect(lines[0]).toContain(header);
    expect(lines.slice(1, -1)).toHaveLength(path === "failures" ? 1 : 2);
    if (path === "settings") expect(lines.filter((line) => line.startsWith("'=1+1,"))).toHaveLength(1);
    if (path === "failures") expect(lines[1]).toContain('"Timed Out, after a while"');
  });
});
