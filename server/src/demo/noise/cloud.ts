import type { Micros } from "@tyto/domain";
import { later, MINUTE, seconds } from "../day.ts";
import { assumedRole, cloudTrail, iamUser } from "../formats/cloudtrail.ts";
import type { CloudCall } from "../formats/cloudtrail.ts";
import type { Person } from "../world.ts";
import type { Scene } from "./noise.ts";

const READS = [
  ["ec2", "DescribeInstances", { maxResults: 100, instancesSet: {}, filterSet: {} }],
  ["ec2", "DescribeSecurityGroups", { securityGroupSet: {}, filterSet: {} }],
  ["s3", "ListBuckets", { Host: "s3.eu-central-1.amazonaws.com" }],
  ["monitoring", "DescribeAlarms", { maxRecords: 100 }],
  ["iam", "ListUsers", { maxItems: 100 }],
  ["rds", "DescribeDBInstances", { maxRecords: 50 }],
] as const;

const CONSOLE =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const CLI = "aws-cli/2.17.18 md/awscrt#0.20.11 ua/2.0 os/linux#6.8.0 md/arch#x86_64 lang/python#3.11.9";

/** The cloud account: services that talk to each other, a pipeline that deploys, people at the console. */
export function cloudNoise(scene: Scene): void {
  services(scene);
  pipeline(scene);
  const people = scene.world.people.filter(
    ({ department }) => department === "engineering" || department === "it",
  );
  for (const person of people.slice(0, 14)) consoleSession(scene, person);
}

function services({ world, day, book, rng }: Scene): void {
  for (const at of day.every(rng, MINUTE, 20_000_000)) {
    const service = rng.pick(["ec2", "lambda", "ecs-tasks"]);
    cloudTrail(book, world, rng, {
      at,
      service: "sts",
      name: "AssumeRole",
      identity: { type: "AWSService", invokedBy: `${service}.amazonaws.com` },
      address: `${service}.amazonaws.com`,
      agent: `${service}.amazonaws.com`,
      isReadOnly: true,
      parameters: {
        roleArn: `arn:aws:iam::${world.aws.account}:role/shop-${service}`,
        roleSessionName: `s-${rng.hex(12)}`,
      },
      response: {
        credentials: { accessKeyId: `ASIA${rng.hex(16).toUpperCase()}`, expiration: "in one hour" },
      },
    });
  }
}

function pipeline({ world, day, book, rng }: Scene): void {
  for (let deploys = 18; deploys > 0; deploys -= 1) {
    let at = day.sometime(rng, "office");
    const session = `deploy-${rng.int(1_000, 9_999)}`;
    const identity = assumedRole(world, world.aws.ciRole, session, at);
    const call = (service: string, name: string, isReadOnly: boolean, parameters: unknown): void => {
      const common = { identity, address: world.firewall.outside, agent: CLI };
      cloudTrail(book, world, rng, { at, service, name, isReadOnly, parameters, ...common });
      at = later(at, seconds(rng, 1, 20));
    };
    call("sts", "GetCallerIdentity", true, null);
    call("ecr", "GetAuthorizationToken", true, null);
    for (let polls = rng.int(6, 20); polls > 0; polls -= 1)
      call("ecs", "DescribeServices", true, { cluster: "shop", services: ["web"] });
    call("ecs", "UpdateService", false, {
      cluster: "shop",
      service: "web",
      taskDefinition: `web:${rng.int(100, 900)}`,
    });
  }
}

function consoleSession(scene: Scene, person: Person): void {
  const { world, day, book, rng, budget } = scene;
  const address = rng.chance(0.7) ? world.firewall.outside : person.homeAddress;
  let at = day.sometime(rng, "office");
  if (rng.chance(0.2) && budget.spend({ at, address, account: person.account })) {
    consoleLogin(scene, person, { at, address, isSuccess: false });
    at = later(at, seconds(rng, 8, 30));
  }
  consoleLogin(scene, person, { at, address, isSuccess: true });
  for (let clicks = rng.int(10, 45); clicks > 0; clicks -= 1) {
    at = later(at, seconds(rng, 2, 90));
    const [service, name, parameters] = rng.pick(READS);
    const identity = iamUser(world, person.account);
    cloudTrail(book, world, rng, {
      at,
      service,
      name,
      identity,
      address,
      agent: CONSOLE,
      isReadOnly: true,
      parameters,
    });
  }
}

export function consoleLogin(
  { world, book, rng }: Pick<Scene, "world" | "book" | "rng">,
  person: Person,
  login: { readonly at: Micros; readonly address: string; readonly isSuccess: boolean },
): void {
  const { at, address, isSuccess } = login;
  const failure: Pick<CloudCall, "error"> = {
    error: { code: "Failed authentication", message: "Failed authentication" },
  };
  cloudTrail(book, world, rng, {
    at,
    service: "signin",
    name: "ConsoleLogin",
    identity: iamUser(world, person.account),
    address,
    agent: CONSOLE,
    isReadOnly: false,
    parameters: null,
    response: { ConsoleLogin: isSuccess ? "Success" : "Failure" },
    ...(isSuccess ? {} : failure),
  });
  book.attempt({
    at,
    address,
    account: person.account,
    host: "aws",
    outcome: isSuccess ? "success" : "failure",
  });
}
