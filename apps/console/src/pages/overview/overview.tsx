import { useResource } from "../../rest/resource.ts";
import { instances } from "../../state/scope.ts";

export function Overview() {
  const { answer } = useResource<{ metrics: unknown }>(`/metrics/${instances.value}`, { everySeconds: 10 });
  return <pre>{JSON.stringify(answer, undefined, 2)}</pre>;
}
