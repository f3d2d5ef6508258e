import {
  isRoleName,
  PERMISSION_NAMES,
  PERMISSIONS,
  ROLE_NAMES,
  RoleLimitsSchema,
  RoleListSchema,
  RoleNameSchema,
  ROLES,
  RoleSchema,
} from "@tyto/domain";
import type { RoleName, RoleView } from "@tyto/domain";
import Type from "typebox";
import { paramOf } from "../audit-changes.ts";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

const RolePath = Type.Object({ name: RoleNameSchema });

/** What each role may do, and what of the events it sees. */
export function addRoleRoutes(app: HttpServer, { control, roles }: ApiDependencies): void {
  const viewOf = async (name: RoleName): Promise<RoleView> => {
    const { summary, permissions } = ROLES[name];
    const { restriction, masked } = roles.limitsOf(name);
    const users = (await control.users.all()).filter((user) => user.role === name).length;
    return { name, summary, permissions: [...permissions], users, restriction, masked: [...masked] };
  };

  app.get(
    "/api/v1/roles",
    {
      config: { access: "users.read" },
      schema: {
        summary: "The roles with their permissions and limits",
        tags: ["access"],
        response: { 200: RoleListSchema },
      },
    },
    async () => ({
      items: await Promise.all(ROLE_NAMES.map(viewOf)),
      permissions: PERMISSION_NAMES.map((name) => ({ name, title: PERMISSIONS[name].title })),
    }),
  );

  app.put(
    "/api/v1/roles/:name/limits",
    {
      config: {
        access: "users.manage",
        isDangerous: true,
        refuses: [409],
        before: (request) => {
          const name = paramOf(request, "name");
          return isRoleName(name) ? roles.limitsOf(name) : undefined;
        },
      },
      schema: {
        summary:
          "Limit what a role sees: only events that a search lets through, without the values of some fields",
        tags: ["access"],
        params: RolePath,
        body: RoleLimitsSchema,
        response: { 200: RoleSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      await roles.setLimits(name, request.body);
      return viewOf(name);
    },
  );
}
