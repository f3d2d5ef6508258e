/** Why a webhook cannot be called so; the API would give one that exists another secret. */
export function webhookNameProblem(
  name: string,
  known: readonly { readonly name: string }[],
): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
    return "Small letters, digits and hyphens, a letter or digit first";
  return known.some((one) => one.name === name)
    ? "There is a webhook of this name: take another, or remove it under Connections"
    : undefined;
}
