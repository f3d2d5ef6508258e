import { type ReactNode } from "react";
import { useSystem } from "../../api/index.ts";
import { CopyButton, ErrorNote, Page, Skeleton, Time } from "../../ui/index.ts";
import css from "./Settings.module.css";

const SOURCES: Readonly<Record<string, string>> = {
  file: "a file that the server reads when it starts",
  environment: "the environment of the server",
  command: "a command that the server runs when it starts",
};

/** Whether what is stored is encrypted, and when it was last copied. Changed where the keys are: on the machine. */
export function EncryptionSection(): ReactNode {
  const { data, error, refetch } = useSystem();
  if (data === undefined) {
    return (
      <Page title="Encryption and backup">
        {error === null ? <Skeleton /> : <ErrorNote error={error} onRetry={() => void refetch()} />}
      </Page>
    );
  }
  const { encryption, backups, dataDirectory } = data;
  const [last] = backups;
  return (
    <Page title="Encryption and backup" note="Changed on the machine, where the keys are">
      <div className={css["body"]}>
        <section className={css["block"]}>
          <h2>Encryption</h2>
          {encryption.isOn ? (
            <p className={`${css["note"] ?? ""} ${css["fine"] ?? ""}`}>
              What is stored is encrypted. The key comes from{" "}
              {SOURCES[encryption.source] ?? encryption.source}. Who loses it loses the data: keep a copy
              elsewhere, and try that copy.
            </p>
          ) : (
            <p className={css["note"]}>
              What is stored is not encrypted: who copies the disk or a backup can read it. Stop the server,
              make a backup, then encrypt.
            </p>
          )}
          {encryption.isOn ? (
            <>
              <Line text="npx tyto key check --encryption-key-file COPY" />
              <Line text="npx tyto key rotate --encryption-key-file OLD --new-key-file NEW" />
            </>
          ) : (
            <>
              <Line text="npx tyto key make /etc/tyto/data.key" />
              <Line
                text={`npx tyto encrypt --data ${dataDirectory} --encryption-key-file /etc/tyto/data.key`}
              />
            </>
          )}
        </section>
        <section className={css["block"]}>
          <h2>Backup</h2>
          {last === undefined ? (
            <p className={css["note"]}>No backup has been taken from this installation yet.</p>
          ) : (
            <dl className={css["facts"]}>
              {backups.map((backup, index) => (
                <div key={backup.at} style={{ display: "contents" }}>
                  <dt>{index === 0 ? "Last" : "Before"}</dt>
                  <dd>
                    <Time value={backup.at} as="instant" /> by {backup.actor}
                  </dd>
                </div>
              ))}
            </dl>
          )}
          <Line text="npx tyto backup /backups/tyto.tar" />
          <Line text="npx tyto restore /backups/tyto.tar --data NEW_DIRECTORY" />
        </section>
      </div>
    </Page>
  );
}

function Line({ text }: { readonly text: string }): ReactNode {
  return (
    <div className={css["code"]}>
      <code>{text}</code>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}
