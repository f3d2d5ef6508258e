import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import {
  Button,
  Dialog,
  DialogFoot,
  Field,
  formatAmount,
  formatCount,
  TextInput,
  Time,
} from "../../../ui/index.ts";
import css from "./Editor.module.css";
import { TextDiff } from "./TextDiff.tsx";
import type { EditorQuestion, RuleEditor } from "./use-rule-editor.ts";

interface EditorDialogsProps {
  readonly editor: RuleEditor;
  readonly onBacktest: () => void;
}

/** What has to be asked before something is lost, or begins to run. */
export function EditorDialogs({ editor, onBacktest }: EditorDialogsProps): ReactNode {
  const { question } = editor;
  switch (question.kind) {
    case "none":
      return <LeaveDialog isDirty={editor.isDirty} />;
    case "conflict":
      return <ConflictDialog editor={editor} newer={question.newer} />;
    case "enable":
      return <EnableDialog editor={editor} question={question} onBacktest={onBacktest} />;
  }
}

/** Asks before what is not saved is left. */
function LeaveDialog({ isDirty }: { readonly isDirty: boolean }): ReactNode {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <Dialog title="Leave without saving?" onClose={blocker.reset}>
      <p>What you have written is only here. When you leave, it is gone.</p>
      <DialogFoot>
        <span className="grow" />
        <Button onClick={blocker.reset}>Stay</Button>
        <Button tone="danger" onClick={blocker.proceed}>
          Leave
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

interface ConflictDialogProps {
  readonly editor: RuleEditor;
  readonly newer: Extract<EditorQuestion, { readonly kind: "conflict" }>["newer"];
}

function ConflictDialog({ editor, newer }: ConflictDialogProps): ReactNode {
  const { number, by, at } = newer.latest;
  return (
    <Dialog title="Somebody else saved this rule" shape="wide" onClose={editor.dismiss}>
      <p>
        <b>{by}</b> saved version {number} at <Time value={at} as="instant" />, after you began. From theirs
        to yours:
      </p>
      <TextDiff label="From theirs to yours" before={newer.latest.yaml} after={editor.texts.yaml} />
      {newer.latest.cases !== editor.texts.cases && (
        <>
          <h3>Cases</h3>
          <TextDiff
            label="Cases, from theirs to yours"
            before={newer.latest.cases}
            after={editor.texts.cases}
          />
        </>
      )}
      <DialogFoot>
        <Button onClick={() => editor.take(newer)}>Take theirs, drop mine</Button>
        <span className="grow" />
        <Button onClick={editor.dismiss}>Go on editing</Button>
        <Button tone="primary" onClick={() => void editor.save(number)}>
          Save mine as version {number + 1}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

interface EnableDialogProps {
  readonly editor: RuleEditor;
  readonly question: Extract<EditorQuestion, { readonly kind: "enable" }>;
  readonly onBacktest: () => void;
}

function EnableDialog({ editor, question, onBacktest }: EnableDialogProps): ReactNode {
  const [comment, setComment] = useState("");
  const tried = editor.check?.backtest ?? null;
  return (
    <Dialog title={`Enable version ${question.version}?`} onClose={editor.dismiss}>
      <div className={css["enable"]}>
        <p>{question.message}.</p>
        {tried !== null && (
          <p className="muted">
            {formatAmount(tried.total, "hit")} from <Time value={tried.from} as="instant" /> to{" "}
            <Time value={tried.to} as="instant" />, {formatCount(tried.busiest)} on the busiest day.
          </p>
        )}
        <Field label="Why it may run all the same" hint="Kept with the rule and on the record">
          {(control) => (
            <TextInput
              {...control}
              maxLength={500}
              value={comment}
              onChange={(event) => setComment(event.target.value)}
            />
          )}
        </Field>
      </div>
      <DialogFoot>
        <Button
          onClick={() => {
            editor.dismiss();
            onBacktest();
          }}
        >
          Backtest first
        </Button>
        <span className="grow" />
        <Button onClick={editor.dismiss}>Cancel</Button>
        <Button tone="primary" onClick={() => void editor.enable(comment)}>
          Enable anyway
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
