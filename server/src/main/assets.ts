import { AssetLearner, AssetRegister } from "../assets/index.ts";
import type { Parts } from "../main.ts";
import type { ControlStore } from "../storage/index.ts";
import type { AlertBook } from "../triage/index.ts";
import type { Committer } from "./committer.ts";

const LEARN_EVERY_MS = 15_000;
/** More open alerts than anyone works on. */
const MAX_REWEIGHED = 20_000;

/** The register, before anything asks it. */
export function openAssets({ stored, world }: Parts): Promise<AssetRegister> {
  return AssetRegister.open({ assets: stored.control.assets, now: world.now, random: world.randomBytes });
}

/** Learns from events, and weighs open alerts again when people change the register. @returns what ends it */
export function watchAssets(
  { stored, telemetry }: Parts,
  parts: { readonly register: AssetRegister; readonly alerts: AlertBook; readonly committer: Committer },
): () => Promise<void> {
  const { register, alerts, committer } = parts;
  const log = telemetry.log.of("assets");
  const learner = new AssetLearner(register);
  committer.onCommitted((events) => learner.look(events));
  const learn = (): Promise<void> =>
    learner
      .flush()
      .catch((error: unknown) =>
        log.warn("what was seen of assets could not be kept; seen again", { error }),
      );
  const timer = setInterval(() => void learn(), LEARN_EVERY_MS).unref();
  const reweighing = new Reweighing(stored.control, alerts, (error) =>
    log.warn("open alerts could not be weighed again; the next change does it", { error }),
  );
  register.onChanged(() => reweighing.start());
  return async () => {
    clearInterval(timer);
    await reweighing.stop();
    await learn();
  };
}

/** One pass at a time over what is open; a change that comes meanwhile makes one more. */
class Reweighing {
  readonly #control: Pick<ControlStore, "alerts">;
  readonly #book: Pick<AlertBook, "reweigh">;
  readonly #onProblem: (error: unknown) => void;
  #pass: Promise<void> | undefined;
  #isAskedAgain = false;
  #isStopped = false;

  constructor(
    control: Pick<ControlStore, "alerts">,
    book: Pick<AlertBook, "reweigh">,
    onProblem: (error: unknown) => void,
  ) {
    this.#control = control;
    this.#book = book;
    this.#onProblem = onProblem;
  }

  start(): void {
    this.#isAskedAgain = true;
    this.#pass ??= this.#run()
      .catch(this.#onProblem)
      .finally(() => (this.#pass = undefined));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pass;
  }

  async #run(): Promise<void> {
    while (this.#isAskedAgain && !this.#isStopped) {
      this.#isAskedAgain = false;
      const open = await this.#control.alerts.ids({ status: ["new", "acknowledged"] }, MAX_REWEIGHED);
      for (const id of open) {
        if (this.#isStopped) return;
        await this.#book.reweigh(id);
      }
    }
  }
}
