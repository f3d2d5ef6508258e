import type { Event } from "@tyto/domain";
import { EventTexts } from "./event-texts.ts";
import type { FieldNumbers } from "./field-numbers.ts";
import { FieldReader } from "./field-reader.ts";
import { SharedResults } from "./shared-results.ts";
import { ViewCache } from "./view-cache.ts";

/** What an engine keeps from event to event, so that looking at one allocates little. */
export class MatchScratch {
  readonly reader: FieldReader;
  readonly texts: EventTexts;
  readonly results = new SharedResults();
  readonly views = new ViewCache();

  constructor(fields: FieldNumbers) {
    this.reader = new FieldReader(fields);
    this.texts = new EventTexts(this.reader);
  }

  /** Turns to the next event. */
  begin(event: Event): void {
    this.reader.read(event.fields);
    this.texts.begin(event);
    this.results.next();
    this.views.next();
  }
}
