import { expect } from "vitest";
import {
  instanceAnswer,
  instanceCreatedAnswer,
  instancesAnswer,
  tokenAnswer,
  type Instance,
  type InstanceDetails,
} from "../../packages/schemas/src/index.ts";
import type { Answer, System } from "../system.ts";

/** Check the status of an answer and parse its body by the documented schema. */
export function answerBody<Shape>(
  schema: { parse(value: unknown): Shape },
  { status, text }: Answer,
  expected = 200,
): Shape {
  expect(`${status} ${text}`).toMatch(new RegExp(`^${expected} `));
  return schema.parse(JSON.parse(text));
}

/** Manages the instances of a system with the account token. */
export class Administrator {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  async create(body: object): Promise<{ readonly instance: Instance; readonly token: string }> {
    return answerBody(instanceCreatedAnswer, await this.#system.send("POST", "/instances", body), 201);
  }

  /** Create another token; two are valid at a time. */
  async newToken(name: string): Promise<string> {
    return answerBody(tokenAnswer, await this.#system.send("POST", `/instances/${name}/token`)).token;
  }

  async instance(name: string): Promise<InstanceDetails> {
    return answerBody(instanceAnswer, await this.#system.get(`/instances/${name}`)).instance;
  }

  async list(): Promise<readonly Instance[]> {
    return answerBody(instancesAnswer, await this.#system.get("/instances")).instances;
  }

  async change(name: string, body: object): Promise<Instance> {
    return answerBody(instanceAnswer, await this.#system.send("PATCH", `/instances/${name}`, body)).instance;
  }
}
