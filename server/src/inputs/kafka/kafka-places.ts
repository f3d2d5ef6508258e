import Type from "typebox";
import { Compile } from "typebox/compile";

const CursorSchema = Type.Object({
  version: Type.Literal(1),
  partitions: Type.Array(
    Type.Object({
      topic: Type.String(),
      partition: Type.Integer(),
      /** How often the topic was made anew. */
      life: Type.Integer({ minimum: 0 }),
      /** First offset that is not here yet. */
      next: Type.Integer({ minimum: 0 }),
    }),
  ),
});
type Place = Type.Static<typeof CursorSchema>["partitions"][number];
const schema = Compile(CursorSchema);

/**
 * Where each partition is. The group's offsets at the broker say where to go on; this tells a topic that was deleted and made again, whose
 * offsets are other records' identities, from the one that was read before.
 */
export class KafkaPlaces {
  readonly #places = new Map<string, Place>();

  constructor(cursor: unknown) {
    if (!schema.Check(cursor)) return;
    for (const place of cursor.partitions) this.#places.set(keyOf(place.topic, place.partition), place);
  }

  /** @param end the offset that the partition's next record will have. @returns whether the topic was made anew. */
  seen(topic: string, partition: number, end: number): boolean {
    const place = this.#places.get(keyOf(topic, partition));
    if (place === undefined || end >= place.next) return false;
    this.#places.set(keyOf(topic, partition), { ...place, life: place.life + 1, next: 0 });
    return true;
  }

  lifeOf(topic: string, partition: number): number {
    return this.#places.get(keyOf(topic, partition))?.life ?? 0;
  }

  reached(topic: string, partition: number, next: number): void {
    const life = this.lifeOf(topic, partition);
    const before = this.#places.get(keyOf(topic, partition))?.next ?? 0;
    // After a rebalance records may come again.
    this.#places.set(keyOf(topic, partition), { topic, partition, life, next: Math.max(before, next) });
  }

  cursor(): unknown {
    return { version: 1, partitions: [...this.#places.values()] };
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
