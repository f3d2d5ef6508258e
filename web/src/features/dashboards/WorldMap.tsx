import { type ReactNode, useId } from "react";
import { feature } from "topojson-client";
import world from "world-atlas/countries-110m.json";
import { ChartBox, chartClass, formatCount, TipLines } from "../../ui/index.ts";
import { COUNTRY_OF_NUMBER, countryName } from "./country-codes.ts";
import type { ShapedBar } from "./panel-shape.ts";

interface Country {
  readonly code: string | undefined;
  readonly path: string;
}

const WIDTH = 720;
const HEIGHT = 330;
/** South of it there is only ice. */
const SOUTH = -58;
const NORTH = 84;

/** Degrees to the picture: equirectangular, cut where nobody lives. */
function project([longitude = 0, latitude = 0]: readonly number[]): string {
  const x = ((longitude + 180) / 360) * WIDTH;
  const y = ((NORTH - Math.max(SOUTH, latitude)) / (NORTH - SOUTH)) * HEIGHT;
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

type Ring = readonly (readonly number[])[];

/** A ring that goes over the date line, in one piece; what then lies beyond the picture's edge is drawn again at the other one. */
function ring(points: Ring): string {
  let turn = 0;
  const whole = points.map(([longitude = 0, latitude = 0], at): readonly [number, number] => {
    const before = points[at - 1]?.[0] ?? longitude;
    if (longitude - before > 180) turn -= 360;
    if (longitude - before < -180) turn += 360;
    return [longitude + turn, latitude];
  });
  const path = (shift: number) =>
    `M${whole.map(([longitude, latitude]) => project([longitude + shift, latitude])).join("L")}Z`;
  const beyond = (test: (longitude: number) => boolean) => whole.some(([longitude]) => test(longitude));
  return [
    path(0),
    beyond((longitude) => longitude > 180) ? path(-360) : "",
    beyond((longitude) => longitude < -180) ? path(360) : "",
  ].join("");
}

type Topology = Parameters<typeof feature>[0];

/** The shapes are drawn once; the data file is part of the lazy bundle of this file. */
const COUNTRIES: readonly Country[] = countriesOf(world as unknown as Topology);

function countriesOf(topology: Topology): readonly Country[] {
  const { countries } = topology.objects;
  const found = countries === undefined ? undefined : feature(topology, countries);
  if (found?.type !== "FeatureCollection") return [];
  return found.features.flatMap(({ id, geometry }) => {
    const code = COUNTRY_OF_NUMBER.get(String(id ?? ""));
    if (code === "AQ") return [];
    if (geometry.type === "Polygon") return [{ code, path: geometry.coordinates.map(ring).join("") }];
    if (geometry.type === "MultiPolygon")
      return [{ code, path: geometry.coordinates.flatMap((polygon) => polygon.map(ring)).join("") }];
    return [];
  });
}

interface WorldMapProps {
  readonly label: string;
  readonly countries: readonly ShapedBar[];
  readonly onPick: ((country: ShapedBar) => void) | undefined;
}

/** Values by country: the deeper, the more. Countries too small to be drawn are in the table. */
export default function WorldMap({ label, countries, onPick }: WorldMapProps): ReactNode {
  const clip = useId();
  const byCode = new Map(countries.map((country) => [country.label, country]));
  const most = Math.max(...countries.map(({ value }) => value), 1);
  return (
    <ChartBox>
      {({ width, height }, hover) => (
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={label}
          className={chartClass("drawn")}
        >
          <clipPath id={clip}>
            <rect width={WIDTH} height={HEIGHT} />
          </clipPath>
          <g clipPath={`url(#${clip})`}>
            {COUNTRIES.map(({ code, path }, at) => {
              const found = code === undefined ? undefined : byCode.get(code);
              if (found === undefined) return <path key={at} d={path} className={chartClass("land")} />;
              return (
                <path
                  key={at}
                  d={path}
                  className={onPick === undefined ? undefined : chartClass("pickable")}
                  stroke="var(--border)"
                  strokeWidth={0.5}
                  fill="var(--series-1)"
                  fillOpacity={0.25 + 0.75 * Math.sqrt(found.value / most)}
                  onClick={onPick === undefined ? undefined : () => onPick(found)}
                  {...hover(
                    <TipLines head={countryName(found.label)} lines={[["", formatCount(found.value)]]} />,
                  )}
                />
              );
            })}
          </g>
        </svg>
      )}
    </ChartBox>
  );
}
