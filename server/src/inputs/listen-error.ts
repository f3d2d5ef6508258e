import { TytoError } from "@tyto/domain";

/** What went wrong when a socket was bound, in the words of the person who chose the address. */
export function listenError(
  error: unknown,
  listener: { readonly what: string; readonly flag: string; readonly address: string },
): TytoError {
  const { what, flag, address } = listener;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "EADDRINUSE":
      return new TytoError("port-in-use", `${what} cannot listen on ${address}: the port is taken`, {
        cause: error,
        hint: `stop the program that holds it, or choose another port with ${flag}`,
      });
    case "EACCES":
      return new TytoError("config-invalid", `${what} may not listen on ${address}`, {
        cause: error,
        hint: "ports below 1024 need a privilege; choose a higher one and forward to it",
      });
    case "EADDRNOTAVAIL":
      return new TytoError("config-invalid", `${what} cannot listen on ${address}: no such address here`, {
        cause: error,
        hint: "name an address of this machine, or 0.0.0.0 for all",
      });
    default:
      return new TytoError("internal", `${what} cannot listen on ${address}`, { cause: error });
  }
}
