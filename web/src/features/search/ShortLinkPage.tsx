import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useLink } from "../../api/index.ts";
import { ErrorNote, Page, Skeleton } from "../../ui/index.ts";

const route = getRouteApi("/s/$linkId");

/** Leads on to where a short link points, inside of this console. */
export function ShortLinkPage(): ReactNode {
  const { linkId } = route.useParams();
  const { history } = useRouter();
  const { data, error } = useLink(linkId);
  useEffect(() => {
    if (data !== undefined) history.replace(data.path);
  }, [data, history]);
  return <Page title="Link">{error === null ? <Skeleton lines={2} /> : <ErrorNote error={error} />}</Page>;
}
