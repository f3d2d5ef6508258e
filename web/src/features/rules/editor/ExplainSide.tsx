import { type ReactNode, useState } from "react";
import { useExplainText } from "../../../api/index.ts";
import { Button, ErrorNote, Field, TextInput } from "../../../ui/index.ts";
import { Explained } from "../ExplanationTree.tsx";
import css from "./Editor.module.css";

interface ExplainSideProps {
  readonly yaml: string;
  readonly event: string;
  readonly onEvent: (event: string) => void;
}

/** Why a stored event does or does not match what is written now. */
export function ExplainSide({ yaml, event, onEvent }: ExplainSideProps): ReactNode {
  const [draft, setDraft] = useState(event);
  const { mutate, data, error, isPending } = useExplainText();
  const ask = () => {
    onEvent(draft.trim());
    mutate({ yaml, event: draft.trim() });
  };
  return (
    <div className={css["sideBody"]}>
      <form
        className={css["addCase"]}
        onSubmit={(submit) => {
          submit.preventDefault();
          ask();
        }}
      >
        <Field label="A stored event's id">
          {(control) => (
            <TextInput
              {...control}
              isMono
              value={draft}
              onChange={(change) => setDraft(change.target.value)}
            />
          )}
        </Field>
        <Button type="submit" disabled={draft.trim() === "" || isPending}>
          Explain
        </Button>
      </form>
      {error !== null && <ErrorNote error={error} />}
      {data !== undefined && (
        <div className={css["explained"]}>
          <Explained explanation={data} />
        </div>
      )}
    </div>
  );
}
