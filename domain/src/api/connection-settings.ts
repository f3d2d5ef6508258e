import Type from "typebox";

/** What a connection pulls from. Each has a schema of settings and one of secrets below, and a folder or file in `server/src/inputs`. */
export const CONNECTION_KINDS = [
  "file",
  "kafka",
  "nats",
  "s3",
  "aws-cloudtrail",
  "microsoft-365",
  "entra",
  "okta",
  "github",
  "google-workspace",
  "command",
] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

const closed = { additionalProperties: false } as const;
const text = (description: string, maxLength = 1_024) =>
  Type.String({ minLength: 1, maxLength, description });
const secret = (description: string, maxLength = 16_384) =>
  Type.String({ minLength: 1, maxLength, description });
const texts = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 1_024 }), { minItems: 1, maxItems: 100, description });
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });
const flag = (description: string) => Type.Boolean({ description });

const allowPrivate = Type.Optional(
  flag("Also connect to private, loopback and link-local addresses (default false)"),
);
const allowHttp = Type.Optional(flag("Also connect without TLS, by http:// (default false)"));
const pollEvery = Type.Optional(whole(1, 86_400, "Seconds between two rounds"));

/** What every poll of an HTTP API can be told. */
const POLL = {
  baseUrl: Type.Optional(text("Another address of the API, for tests and sovereign clouds")),
  pollEverySeconds: pollEvery,
  overlapSeconds: Type.Optional(
    whole(0, 86_400, "How far each round looks back for records that the API shows late"),
  ),
  startDaysAgo: Type.Optional(whole(0, 90, "Where the first round begins (default 0: now)")),
  allowPrivateAddresses: allowPrivate,
  allowHttp,
};

const AWS = {
  region: Type.String({ pattern: "^[a-z0-9-]{3,32}$", description: "Such as eu-central-1" }),
  accessKeyId: Type.String({ pattern: "^[A-Za-z0-9]{1,128}$", description: "Of the credentials" }),
};
const AWS_SECRET = Type.Object(
  {
    secretAccessKey: secret("AWS secret access key"),
    sessionToken: Type.Optional(secret("Of temporary credentials")),
  },
  closed,
);
const NO_SECRET = Type.Object({}, closed);

export const CONNECTION_SETTINGS = {
  file: Type.Object(
    {
      paths: texts("Files, globs such as /var/log/app/*.log, or directories"),
      from: Type.Optional(
        Type.Union([Type.Literal("end"), Type.Literal("beginning")], {
          description: "Where files that exist at the first start are read from (default end)",
        }),
      ),
      multilineStart: Type.Optional(
        text("Regular expression (RE2) that the first line of each record matches", 512),
      ),
      exclude: Type.Optional(texts("Globs of files to leave out")),
      scanEveryMs: Type.Optional(whole(20, 60_000, "How often files are looked at (default 1000)")),
    },
    closed,
  ),
  kafka: Type.Object(
    {
      brokers: texts("HOST:PORT"),
      group: text("Consumer group", 249),
      topics: Type.Array(
        Type.Object(
          {
            topic: text("Its name", 249),
            pack: Type.Optional(text("The pack that reads its records", 128)),
          },
          closed,
        ),
        { minItems: 1, maxItems: 100 },
      ),
      fromBeginning: Type.Optional(
        flag("Where a new group starts (default true: with what the topic still holds)"),
      ),
      tls: Type.Optional(flag("Default true")),
      ca: Type.Optional(text("Certificate authorities in PEM, when not the system's", 65_536)),
      sasl: Type.Optional(
        Type.Union([Type.Literal("plain"), Type.Literal("scram-sha-256"), Type.Literal("scram-sha-512")], {
          description: "How to log in",
        }),
      ),
      username: Type.Optional(text("For SASL", 256)),
      allowPrivateAddresses: allowPrivate,
    },
    closed,
  ),
  nats: Type.Object(
    {
      servers: texts("HOST:PORT"),
      stream: text("JetStream stream", 255),
      durable: Type.String({
        pattern: "^[A-Za-z0-9_-]{1,128}$",
        description: "Name of the durable consumer; made when it does not exist",
      }),
      subjects: Type.Optional(texts("Only these subjects of the stream")),
      tls: Type.Optional(flag("Default true")),
      ca: Type.Optional(text("Certificate authorities in PEM, when not the system's", 65_536)),
      username: Type.Optional(text("With a password", 256)),
      allowPrivateAddresses: allowPrivate,
    },
    closed,
  ),
  s3: Type.Object(
    {
      ...AWS,
      queueUrl: Type.Optional(text("SQS queue that is told of new objects; with it no bucket is listed")),
      bucket: Type.Optional(Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{1,62}$", description: "To list" })),
      prefix: Type.Optional(text("Only keys that begin so")),
      endpoint: Type.Optional(text("Of another S3, such as https://minio.example.com:9000")),
      pollEverySeconds: pollEvery,
      startDaysAgo: Type.Optional(
        whole(
          0,
          3_650,
          "With bucket: how old objects may be at the first listing (default 0: only new ones)",
        ),
      ),
      allowPrivateAddresses: allowPrivate,
      allowHttp,
    },
    closed,
  ),
  "aws-cloudtrail": Type.Object({ ...AWS, ...POLL }, closed),
  "microsoft-365": Type.Object(
    {
      tenantId: text("Directory (tenant) ID", 128),
      clientId: text("Application (client) ID", 128),
      contentTypes: Type.Optional(
        Type.Array(
          Type.Union([
            Type.Literal("Audit.AzureActiveDirectory"),
            Type.Literal("Audit.Exchange"),
            Type.Literal("Audit.SharePoint"),
            Type.Literal("Audit.General"),
            Type.Literal("DLP.All"),
          ]),
          { minItems: 1, maxItems: 5, description: "Default: the four Audit types" },
        ),
      ),
      loginUrl: Type.Optional(text("Default https://login.microsoftonline.com")),
      ...POLL,
    },
    closed,
  ),
  entra: Type.Object(
    {
      tenantId: text("Directory (tenant) ID", 128),
      clientId: text("Application (client) ID", 128),
      logs: Type.Optional(
        Type.Array(Type.Union([Type.Literal("signIns"), Type.Literal("directoryAudits")]), {
          minItems: 1,
          maxItems: 2,
          description: "Default both; sign-ins need Entra ID P1",
        }),
      ),
      loginUrl: Type.Optional(text("Default https://login.microsoftonline.com")),
      ...POLL,
    },
    closed,
  ),
  okta: Type.Object({ ...POLL, baseUrl: text("Such as https://example.okta.com") }, closed),
  github: Type.Object(
    {
      account: text("Organisation, or enterprise slug", 128),
      accountType: Type.Optional(
        Type.Union([Type.Literal("org"), Type.Literal("enterprise")], { description: "Default org" }),
      ),
      include: Type.Optional(
        Type.Union([Type.Literal("web"), Type.Literal("git"), Type.Literal("all")], {
          description: "Default all",
        }),
      ),
      ...POLL,
    },
    closed,
  ),
  "google-workspace": Type.Object(
    {
      adminEmail: text("The administrator on whose behalf the service account asks", 320),
      applications: Type.Optional(
        Type.Array(Type.String({ pattern: "^[a-z_]{2,40}$" }), {
          minItems: 1,
          maxItems: 40,
          description: "Default login, admin, drive, token, user_accounts",
        }),
      ),
      customerId: Type.Optional(text("Default my_customer", 64)),
      ...POLL,
    },
    closed,
  ),
  command: Type.Object(
    {
      program: text("Absolute path of a program; no shell reads it"),
      arguments: Type.Optional(
        Type.Array(Type.String({ maxLength: 4_096 }), { maxItems: 100, description: "As they are" }),
      ),
      everySeconds: whole(1, 86_400, "From one start to the next"),
      timeoutSeconds: Type.Optional(whole(1, 3_600, "Default 60")),
      maxBytes: Type.Optional(whole(1, 1_073_741_824, "Of one run's output (default 64 MB)")),
    },
    closed,
  ),
} as const satisfies Record<ConnectionKind, Type.TSchema>;

/** What is encrypted at rest and never answered. */
export const CONNECTION_SECRETS = {
  file: NO_SECRET,
  kafka: Type.Object(
    {
      password: Type.Optional(secret("For SASL")),
      clientKey: Type.Optional(secret("Private key of a client certificate, PEM")),
      clientCertificate: Type.Optional(secret("Client certificate, PEM")),
    },
    closed,
  ),
  nats: Type.Object(
    {
      password: Type.Optional(secret("With the user name")),
      token: Type.Optional(secret("Instead of user name and password")),
      credentials: Type.Optional(secret("A .creds file (JWT and seed)")),
      nkeySeed: Type.Optional(secret("Seed of an NKey")),
    },
    closed,
  ),
  s3: AWS_SECRET,
  "aws-cloudtrail": AWS_SECRET,
  "microsoft-365": Type.Object({ clientSecret: secret("Of the application") }, closed),
  entra: Type.Object({ clientSecret: secret("Of the application") }, closed),
  okta: Type.Object({ apiToken: secret("SSWS token") }, closed),
  github: Type.Object({ token: secret("Personal access token with read:audit_log") }, closed),
  "google-workspace": Type.Object(
    { serviceAccountKey: secret("The key file of the service account, JSON") },
    closed,
  ),
  command: Type.Object(
    {
      environment: Type.Optional(
        Type.Record(Type.String(), Type.String({ maxLength: 16_384 }), {
          description: "Variables of the program, which inherits none but PATH",
        }),
      ),
    },
    closed,
  ),
} as const satisfies Record<ConnectionKind, Type.TSchema>;

export type ConnectionSettings<K extends ConnectionKind> = Type.Static<(typeof CONNECTION_SETTINGS)[K]>;
export type ConnectionSecret<K extends ConnectionKind> = Type.Static<(typeof CONNECTION_SECRETS)[K]>;
