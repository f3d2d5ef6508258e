import { bruteForceThenSuccess } from "./brute-force-then-success.ts";
import { bruteForce } from "./brute-force.ts";
import { guessedThenConfidentialFile } from "./guessed-then-confidential-file.ts";
import { logClearing } from "./log-clearing.ts";
import { loginScanInjection } from "./login-scan-injection.ts";
import { newAdminMassDeletion } from "./new-admin-mass-deletion.ts";
import { passwordSpraying } from "./password-spraying.ts";
import type { Story } from "./story.ts";

/** Every attack of the demo day. */
export const STORIES: readonly Story[] = [
  bruteForce,
  bruteForceThenSuccess,
  guessedThenConfidentialFile,
  loginScanInjection,
  passwordSpraying,
  logClearing,
  newAdminMassDeletion,
];
