/**
 * A dashboard and where its panels lie. The classic format, which every Grafana since 10 reads; the SDK's own builder for it is
 * deprecated in favour of a format that only the newest ones read.
 */
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  defaultDashboard,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { SOURCE } from "./panels.ts";
import type { Panel, RowPanel, VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";

interface Builder<Built> {
  build(): Built;
}

/** Columns of Grafana's grid. */
const COLUMNS = 24;

/** An empty dashboard with the choice of a Prometheus, and links to the other ones. */
export function dashboard(options: { uid: string; title: string; description: string }) {
  return new Dashboard(options).withVariable(
    new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"),
  );
}

/** The choice of WhatsApp accounts: one, or any number. */
export function instanceVariable({ multi }: { multi: boolean }) {
  const variable = new QueryVariableBuilder("wa_instance")
    .label(multi ? "Instances" : "Instance")
    .datasource(SOURCE)
    .query("label_values(ticktally_messages_total, wa_instance)")
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(multi)
    .includeAll(multi);
  return multi ? variable.allValue(".*") : variable;
}

/** Panels are laid from left to right and then below. */
class Dashboard {
  #head;
  #variables: VariableModel[] = [];
  #panels: (Panel | RowPanel)[] = [];
  #x = 0;
  #y = 0;
  /** Of the tallest panel in the line that is being laid. */
  #height = 0;

  constructor(head: { uid: string; title: string; description: string }) {
    this.#head = head;
  }

  withVariable(variable: Builder<VariableModel>) {
    this.#variables.push(variable.build());
    return this;
  }

  withRow(row: Builder<RowPanel>) {
    this.#nextLine();
    this.#panels.push({ ...row.build(), id: this.#nextId(), gridPos: { x: 0, y: this.#y, w: COLUMNS, h: 1 } });
    this.#y += 1;
    return this;
  }

  withPanel(builder: Builder<Panel>) {
    const panel = builder.build();
    const { w, h } = panel.gridPos ?? { w: COLUMNS, h: 8 };
    if (this.#x + w > COLUMNS) this.#nextLine();
    this.#panels.push({ ...panel, id: this.#nextId(), gridPos: { x: this.#x, y: this.#y, w, h } });
    this.#x += w;
    this.#height = Math.max(this.#height, h);
    return this;
  }

  build() {
    const links = new DashboardLinkBuilder("Ticktally")
      .type(DashboardLinkType.Dashboards)
      .tags(["ticktally"])
      .asDropdown(true)
      .includeVars(true)
      .keepTime(true);
    return {
      ...defaultDashboard(),
      ...this.#head,
      tags: ["ticktally"],
      timezone: "browser",
      refresh: "30s",
      time: { from: "now-6h", to: "now" },
      editable: false,
      links: [links.build()],
      templating: { list: this.#variables },
      panels: this.#panels,
    };
  }

  #nextLine() {
    this.#y += this.#height;
    this.#x = 0;
    this.#height = 0;
  }

  #nextId() {
    return this.#panels.length + 1;
  }
}
