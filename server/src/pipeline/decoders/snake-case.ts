/** `userPrincipalName` → `user_principal_name`, `IPAddress` → `ip_address`; what has no capitals stays as it is. */
export function toSnakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}
