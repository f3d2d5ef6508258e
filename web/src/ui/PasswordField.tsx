import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "@tyto/domain";
import type { ReactNode } from "react";
import { Field, TextInput } from "./Field.tsx";

interface PasswordFieldProps {
  readonly label: string;
  /** `new`: one is being chosen. Password managers act on it. */
  readonly kind: "current" | "new";
  readonly value: string;
  readonly onChange: (password: string) => void;
  readonly problem?: string | undefined;
  readonly autoFocus?: boolean;
}

const NEW_HINT = `At least ${PASSWORD_MIN_LENGTH} characters. A short sentence is easiest to keep.`;

export function PasswordField({
  label,
  kind,
  value,
  onChange,
  problem,
  autoFocus,
}: PasswordFieldProps): ReactNode {
  return (
    <Field label={label} problem={problem} {...(kind === "new" ? { hint: NEW_HINT } : {})}>
      {(control) => (
        <TextInput
          {...control}
          name="password"
          type="password"
          autoComplete={kind === "new" ? "new-password" : "current-password"}
          required
          maxLength={PASSWORD_MAX_LENGTH}
          autoFocus={autoFocus}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
