import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "./Button.tsx";
import { copyText } from "./copy.ts";

interface CopyButtonProps {
  readonly text: string;
  readonly label: string;
  readonly look?: "text" | "icon";
}

const SHOWN_MS = 1_500;

export function CopyButton({ text, label, look = "text" }: CopyButtonProps): ReactNode {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setDone(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = () => void copyText(text).then(setDone);
  const Icon = isDone ? IconCheck : IconCopy;
  return look === "icon" ? (
    <Button tone="quiet" iconLabel={isDone ? "Copied" : label} onClick={copy}>
      <Icon size={14} />
    </Button>
  ) : (
    <Button onClick={copy}>
      <Icon size={14} />
      <span aria-live="polite">{isDone ? "Copied" : label}</span>
    </Button>
  );
}
