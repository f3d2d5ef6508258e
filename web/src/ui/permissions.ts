import { type Permission, PERMISSIONS, rolesWith } from "@tyto/domain";
import { createContext, useContext } from "react";

/** What the signed-in person may do. Everything before anyone is: the server decides anyway. */
export const PermissionsContext = createContext<ReadonlySet<Permission> | undefined>(undefined);

/** Why something cannot be done; `undefined` when it can. The server refuses with the same words. */
export type Refusal = (needed: Permission | undefined) => string | undefined;

export function useRefusal(): Refusal {
  const granted = useContext(PermissionsContext);
  return (needed) => {
    if (needed === undefined || granted === undefined || granted.has(needed)) return undefined;
    return `Your role may not ${PERMISSIONS[needed].title}. The role ${rolesWith(needed).join(" or ")} may; an administrator can give it to you.`;
  };
}

/** Whether the signed-in person may do it. */
export function useMay(): (needed: Permission | undefined) => boolean {
  const refusal = useRefusal();
  return (needed) => refusal(needed) === undefined;
}
