/**
 * Runs steps from the last to the first and empties the list. One that fails does not keep the ones before it, which hold locks and
 * processes, from running.
 * @throws what failed first, when all have run.
 */
export async function undoAll(steps: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
