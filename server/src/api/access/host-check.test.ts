import { describe, expect, it } from "vitest";
import { isKnownHost } from "./host-check.ts";

const names = new Set(["tyto.example.com"]);

describe("the Host header", () => {
  it.each([
    "localhost",
    "localhost:8080",
    "LOCALHOST:8080",
    "localhost.",
    "127.0.0.1:8080",
    "192.0.2.1",
    "[::1]:8080",
    "[2001:db8::1]",
    "tyto.localhost:8080",
    "Tyto.Example.com:443",
  ])("is known: %s", (host) => {
    expect(isKnownHost(host, names)).toBe(true);
  });

  it.each([
    "",
    "evil.example.com",
    "127.0.0.1.evil.example.com",
    "localhost.evil.example.com",
    "tyto.example.com.evil.example.com",
    "tyto.example.com@evil.example.com",
    "2130706433",
    "0x7f000001",
    "localhost/../evil",
    "[::1",
    "::1",
    "a b",
  ])("is not known: %s", (host) => {
    expect(isKnownHost(host, names)).toBe(false);
  });
});
