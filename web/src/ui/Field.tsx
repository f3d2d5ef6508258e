import { type ComponentProps, type ReactNode, useId } from "react";
import css from "./Field.module.css";

interface FieldControl {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly problem?: string | undefined;
  readonly children: (control: FieldControl) => ReactNode;
}

/** A labelled control with what is wrong with it. */
export function Field({ label, hint, problem, children }: FieldProps): ReactNode {
  const id = useId();
  const noteId = `${id}-note`;
  const note = problem ?? hint;
  return (
    <div className={css["field"]}>
      <label htmlFor={id} className={css["label"]}>
        {label}
      </label>
      {children({
        id,
        "aria-invalid": problem !== undefined,
        "aria-describedby": note === undefined ? undefined : noteId,
      })}
      {note !== undefined && (
        <span
          id={noteId}
          className={problem === undefined ? css["hint"] : css["problem"]}
          role={problem === undefined ? undefined : "alert"}
        >
          {note}
        </span>
      )}
    </div>
  );
}

interface Look {
  readonly isMono?: boolean;
}

const inputClass = (isMono: boolean | undefined) =>
  isMono === true ? `${css["input"] ?? ""} ${css["mono"] ?? ""}` : css["input"];

export function TextInput({ isMono, ...rest }: ComponentProps<"input"> & Look): ReactNode {
  return <input className={inputClass(isMono)} autoComplete="off" {...rest} />;
}

export function TextArea({ isMono, ...rest }: ComponentProps<"textarea"> & Look): ReactNode {
  return <textarea className={inputClass(isMono)} {...rest} />;
}

export function Select(props: ComponentProps<"select">): ReactNode {
  return <select className={css["input"]} {...props} />;
}
