export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Send a request on a new connection: an idle one may have been closed while the test was busy. */
export const UNPOOLED = { connection: "close" };

export async function ask(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const isEndless = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const text = isEndless ? await beginningOf(response) : await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** The first chunk of an event stream, which does not end by itself. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}
