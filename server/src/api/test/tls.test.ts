import { get } from "node:https";
import { connect } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { certificate, TestIdentity } from "../../inputs/testing/certificates.ts";
import { createApi, createIngestListener } from "../index.ts";
import type { Listener } from "../index.ts";
import { startApi } from "./api-fixture.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const authority = certificate("Test authority");

async function listening(make: "console" | "ingest", tls: TestIdentity): Promise<{ port: number }> {
  const fixture = await startApi();
  cleanups.push(() => fixture.close());
  const dependencies = { ...fixture.dependencies, tls };
  const listener: Listener = await (make === "console"
    ? createApi(dependencies)
    : createIngestListener(dependencies));
  cleanups.push(() => listener.close());
  const { address } = await listener.listen({ host: "127.0.0.1", port: 0 });
  return { port: Number(address.split(":")[1]) };
}

function health(
  port: number,
): Promise<{ readonly status: number; readonly hsts: boolean; readonly serial: string }> {
  return new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${port}/api/v1/health`;
    const request = get(url, { ca: authority.cert, agent: false }, (response) => {
      const { serialNumber } = (response.socket as ReturnType<typeof connect>).getPeerCertificate();
      response.resume().once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          hsts: response.headers["strict-transport-security"] !== undefined,
          serial: serialNumber,
        }),
      );
    });
    request.once("error", reject);
  });
}

describe("HTTP listeners over TLS", () => {
  it.each(["console", "ingest"] as const)("answer, and show a renewed certificate: %s", async (make) => {
    const identity = new TestIdentity(certificate("localhost", authority));
    const { port } = await listening(make, identity);
    const before = await health(port);
    expect(before).toMatchObject({ status: 200, hsts: true });
    identity.replace(certificate("localhost", authority));
    const after = await health(port);
    expect(after.serial).not.toBe(before.serial);
  });

  it("speak nothing older than TLS 1.2", async () => {
    const { port } = await listening("ingest", new TestIdentity(certificate("localhost", authority)));
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({
        host: "127.0.0.1",
        port,
        ca: authority.cert,
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT@SECLEVEL=0",
      });
      socket.once("secureConnect", () => resolve("secure")).once("error", () => resolve("refused"));
    });
    expect(outcome).toBe("refused");
  });
});
