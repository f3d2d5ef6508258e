import { PASSWORD_MIN_LENGTH } from "@tyto/domain";

/** What is wrong with the password before the server has a say; undefined when nothing is. */
export function passwordProblem(password: string, username: string): string | undefined {
  const length = [...password].length;
  if (length < PASSWORD_MIN_LENGTH) return `${PASSWORD_MIN_LENGTH} characters at least; this has ${length}.`;
  if (username !== "" && password.toLowerCase() === username.toLowerCase())
    return "The username is no password.";
  return undefined;
}

/** `#token=…`, as the terminal prints it. */
export function tokenOfFragment(fragment: string): string {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("token") ?? "";
}
