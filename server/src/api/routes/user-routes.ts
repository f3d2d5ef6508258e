import {
  formatMicros,
  TytoError,
  UserBodySchema,
  UserLinkSchema,
  UserListSchema,
  UserPatchSchema,
  UserSchema,
} from "@tyto/domain";
import type { UserId, UserLink } from "@tyto/domain";
import Type from "typebox";
import type { FastifyRequest } from "fastify";
import type { UserRecord } from "../../storage/index.ts";
import { actorOf } from "../access/caller.ts";
import { makePasswordLink } from "../access/password-link.ts";
import { noSuchUser, refuseUsername } from "../access/usernames.ts";
import { paramOf } from "../audit-changes.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { userView } from "../views/user-view.ts";

const UserPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const MAX_USERS = 10_000;

/** People who may log in. Nobody is sent anything: who invites hands the link on. */
export function addUserRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addListRoute(app, dependencies);
  addInviteRoutes(app, dependencies);
  addChangeRoutes(app, dependencies);
}

function addListRoute(app: HttpServer, { control }: ApiDependencies): void {
  app.get(
    "/api/v1/users",
    {
      config: { access: "users.read" },
      schema: { summary: "People who may log in", tags: ["access"], response: { 200: UserListSchema } },
    },
    async () => {
      const [users, links] = await Promise.all([control.users.all(), control.users.links()]);
      const linkOf = new Map(links.map((link) => [link.userId, link]));
      return { items: users.map((user) => userView(user, linkOf.get(user.id))), nextCursor: null };
    },
  );
}

function addInviteRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, random, now } = dependencies;
  app.post(
    "/api/v1/users",
    {
      config: { access: "users.manage", isDangerous: true, refuses: [409] },
      schema: {
        summary: "Invite somebody: the link in the answer sets their password, once, within three days",
        tags: ["access"],
        body: UserBodySchema,
        response: { 201: UserLinkSchema },
      },
    },
    async (request, reply) => {
      const { username, role } = request.body;
      refuseUsername(username);
      if ((await control.users.all()).length >= MAX_USERS)
        throw new TytoError("conflict", `There are ${MAX_USERS} users already`);
      const user: UserRecord = {
        id: Buffer.from(random(8)).toString("hex") as UserId,
        username,
        passwordHash: null,
        role,
        isEnabled: true,
        createdAt: now(),
        createdBy: actorOf(callerOf(request)),
        lastLoginAt: null,
      };
      await control.users.create(user);
      return reply.code(201).send(await makeLink(dependencies, request, user));
    },
  );

  app.post(
    "/api/v1/users/:id/link",
    {
      config: { access: "users.manage", isDangerous: true, refuses: [409], before: stateOf(dependencies) },
      schema: {
        summary:
          "A new link to set the password. The password that was and all sessions end at once; not for oneself",
        tags: ["access"],
        params: UserPath,
        response: { 200: UserLinkSchema },
      },
    },
    async (request) => {
      const user = await existing(dependencies, request.params.id);
      refuseSelf(request, user, "Change your own password on your profile.");
      if (user.passwordHash !== null) await control.users.forgetPassword(user.id);
      return makeLink(dependencies, request, { ...user, passwordHash: null });
    },
  );

  app.delete(
    "/api/v1/users/:id",
    {
      config: { access: "users.manage", isDangerous: true, refuses: [409], before: stateOf(dependencies) },
      schema: {
        summary:
          "Take an invitation back that nobody has used; who has logged in once is switched off instead",
        tags: ["access"],
        params: UserPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const user = await existing(dependencies, request.params.id);
      if (await control.users.deleteInvited(user.id)) return reply.code(204).send(null);
      throw new TytoError("conflict", `${user.username} has logged in: the histories name them`, {
        hint: "Switch the account off.",
      });
    },
  );
}

function addChangeRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  app.patch(
    "/api/v1/users/:id",
    {
      config: { access: "users.manage", isDangerous: true, refuses: [409], before: stateOf(dependencies) },
      schema: {
        summary: "Change somebody's role, or switch them off, at once, or on again",
        tags: ["access"],
        params: UserPath,
        body: UserPatchSchema,
        response: { 200: UserSchema },
      },
    },
    async (request) => {
      const { role, enabled } = request.body;
      const user = await dependencies.control.users.change(request.params.id as UserId, {
        ...(role === undefined ? {} : { role }),
        ...(enabled === undefined ? {} : { isEnabled: enabled }),
      });
      if (user === undefined) throw noSuchUser();
      return userView(user, undefined);
    },
  );
}

/** For the audit log: how the user was, in the words of the API. */
function stateOf({ control }: ApiDependencies): (request: FastifyRequest) => Promise<unknown> {
  return async (request) => {
    const user = await control.access.userById(paramOf(request, "id") as UserId);
    return user === undefined
      ? undefined
      : { username: user.username, role: user.role, enabled: user.isEnabled };
  };
}

async function existing({ control }: ApiDependencies, id: string): Promise<UserRecord> {
  const user = await control.access.userById(id as UserId);
  if (user === undefined) throw noSuchUser();
  return user;
}

function refuseSelf(request: FastifyRequest, user: UserRecord, hint: string): void {
  const caller = callerOf(request);
  if (caller.kind === "session" && caller.user.id === user.id)
    throw new TytoError("conflict", "This is your own account", { hint });
}

async function makeLink(
  { control, random, now }: ApiDependencies,
  request: FastifyRequest,
  user: UserRecord,
): Promise<UserLink> {
  const { link, path } = makePasswordLink({
    random,
    now,
    userId: user.id,
    createdBy: actorOf(callerOf(request)),
  });
  await control.users.saveLink(link);
  return {
    user: userView(user, link),
    path,
    expiresAt: formatMicros(link.expiresAt),
  };
}
