import { Store } from "./store.ts";

export interface Toast {
  readonly id: number;
  readonly tone: "plain" | "error";
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const LIFETIME_MS = 8_000;
const MOST_AT_ONCE = 3;

/** Short news at the foot of the page. A new one pushes the oldest out; each leaves by itself. */
export class Toasts {
  readonly store = new Store<readonly Toast[]>([]);
  #nextId = 1;

  show(toast: Omit<Toast, "id" | "tone"> & { readonly tone?: Toast["tone"] }): void {
    const id = this.#nextId++;
    this.store.set([...this.store.get(), { tone: "plain" as const, ...toast, id }].slice(-MOST_AT_ONCE));
    setTimeout(() => this.dismiss(id), LIFETIME_MS);
  }

  dismiss(id: number): void {
    this.store.set(this.store.get().filter((toast) => toast.id !== id));
  }
}
