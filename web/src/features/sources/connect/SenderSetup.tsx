import { type ReactNode, useState } from "react";
import { Tabs } from "../../../ui/index.ts";
import css from "./Connect.module.css";
import { FirstEvent } from "./FirstEvent.tsx";
import { Reachability } from "./Reachability.tsx";
import { Snippet } from "./Snippet.tsx";
import { Step } from "./Step.tsx";
import { type Listening, placeOf } from "./target.ts";
import { TokenMaker } from "./TokenMaker.tsx";
import type { SenderWay } from "./way.ts";

interface SenderSetupProps {
  readonly way: SenderWay;
  readonly listening: readonly Listening[];
}

/** What to paste into a program that sends, and whether it then arrives. */
export function SenderSetup({ way, listening }: SenderSetupProps): ReactNode {
  const [chosen, setChosen] = useState(way.variants[0].key);
  const [token, setToken] = useState<string>();
  const variant = way.variants.find(({ key }) => key === chosen) ?? way.variants[0];
  const place = placeOf({ listener: variant.listener, listening, pageHost: location.hostname, token });
  return (
    <>
      {way.variants.length > 1 && (
        <Tabs
          label="How it sends"
          className={css["variants"]}
          value={variant.key}
          onChange={setChosen}
          tabs={way.variants.map(({ key, label }) => ({ key, label }))}
        />
      )}
      <p className={css["note"]}>{variant.note}</p>
      <Reachability listener={variant.listener} place={place} />
      <ol className={css["steps"]}>
        {variant.isTokenNeeded && (
          <Step title="Make a token">
            <TokenMaker suggestedName={way.key} secret={token} onMade={setToken} />
          </Step>
        )}
        <Step title="Set it up">
          {variant.blocks.map((block, index) => (
            <Snippet key={index} place={block.place} text={block.text(place.target).join("\n")} />
          ))}
        </Step>
        <Step title="See it arrive">
          <FirstEvent key={variant.key} awaited={{ inputs: variant.inputs }} checks={way.checks} />
        </Step>
      </ol>
    </>
  );
}
