import { Empty } from "../../parts/states.tsx";
import { allInstances } from "../../rest/instances.ts";
import { choice, choose, segments } from "../../state/location.ts";
import { instances, range } from "../../state/scope.ts";
import { Filters, filtersOf } from "./filters.tsx";
import { List } from "./list.tsx";
import { MessageDrawer } from "./message-drawer.tsx";
import { Search } from "./search.tsx";

/** Search by id, and find stuck or failed messages. Messages are listed per instance: with several selected, for the first. */
export function Messages() {
  const [, openInstance, openId] = segments.value;
  const chosen = instances.value.split(",")[0]?.trim() ?? "all";
  const known = allInstances.value.answer;
  const only = known?.length === 1 ? known[0]?.name : undefined;
  const instance = choice("instance") ?? (chosen === "all" ? only : chosen);
  return (
    <>
      <div class="page-head">
        <h1>Messages</h1>
        <Search instance={instance} />
      </div>
      <Filters instance={instance} />
      {instance === undefined ? (
        <ChooseInstance />
      ) : (
        <List key={JSON.stringify([instance, filtersOf(), range.value, choice("from")])} instance={instance} />
      )}
      {openInstance === undefined || openId === undefined ? null : (
        <MessageDrawer key={openId} instance={openInstance} idMessage={openId} chatId={choice("chatId")} />
      )}
    </>
  );
}

const CHOICES_MAX = 40;

function ChooseInstance() {
  const all = allInstances.value.answer ?? [];
  return (
    <Empty title="Choose an instance to list its messages, or search for a message by its id.">
      <div class="chips">
        {all.slice(0, CHOICES_MAX).map(({ name }) => (
          <button
            key={name}
            type="button"
            class="chip"
            onClick={() => {
              choose({ instance: name });
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {all.length > CHOICES_MAX ? (
        <p class="quiet small">The first {CHOICES_MAX}; type the name of another above.</p>
      ) : null}
    </Empty>
  );
}
