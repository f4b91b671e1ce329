/**
 * The few kinds of panel the dashboards are made of. Each has a unit, a text that says what it shows, and a legend for every query.
 *
 * Every api replica exports the same counts, so {@link increase} and {@link rate} take the highest over replicas before anything is summed.
 */
import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { RowBuilder, ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeSeries } from "@grafana/grafana-foundation-sdk/timeseries";

export interface PanelOptions {
  title: string;
  description: string;
  /** as Grafana calls it */
  unit: string;
  queries: readonly (readonly [legend: string, expr: string])[];
  /** of 24 */
  span?: number;
  height?: number;
  stacked?: boolean;
  /** from which values are shown yellow and red */
  limits?: readonly [warning: number, critical: number];
}

/** Whichever Prometheus is chosen at the top of the dashboard. */
export const SOURCE = { type: "prometheus", uid: "${datasource}" };

/**
 * What grew in the time shown.
 *
 * @param metric with its selector
 */
export const increase = (metric: string) => `max without (instance, pod) (increase(${metric}[$__range]))`;

/** @param metric with its selector */
export const rate = (metric: string) => `max without (instance, pod) (rate(${metric}[$__rate_interval]))`;

/**
 * A quantile of a histogram that every api replica exports.
 *
 * @param by labels to keep
 * @param buckets with its selector
 */
export const fleetQuantile = (q: number, by: string, buckets: string) =>
  `histogram_quantile(${String(q)}, sum by (${by}, le) (${rate(buckets)}))`;

/** A quantile of a histogram that each process has of its own. */
export const ownQuantile = (q: number, buckets: string) =>
  `histogram_quantile(${String(q)}, sum by (le) (rate(${buckets}[$__rate_interval])))`;

export function timeSeries({
  title,
  description,
  unit,
  queries,
  span = 12,
  height = 8,
  stacked = false,
}: PanelOptions) {
  const panel = new TimeSeries()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .min(0)
    .span(span)
    .height(height)
    .showPoints(VisibilityMode.Never)
    .fillOpacity(stacked ? 60 : 10)
    .drawStyle(stacked ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(["lastNotNull", "max"]),
    );
  for (const [index, [legend, expr]] of queries.entries()) panel.withTarget(query(index, legend, expr).range());
  return panel;
}

export function stat({ title, description, unit, queries, span = 4, height = 4, limits }: PanelOptions) {
  const panel = new Stat()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .span(span)
    .height(height)
    .colorMode(limits === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .thresholds(thresholds(limits));
  for (const [index, [legend, expr]] of queries.entries()) panel.withTarget(query(index, legend, expr).instant());
  return panel;
}

export function bars({ title, description, unit, queries, span = 8, height = 8 }: PanelOptions) {
  const panel = new BarGauge()
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .decimals(0)
    .min(0)
    .span(span)
    .height(height)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .thresholds(thresholds());
  for (const [index, [legend, expr]] of queries.entries()) panel.withTarget(query(index, legend, expr).instant());
  return panel;
}

export const row = (title: string) => new RowBuilder(title);

function query(index: number, legend: string, expr: string) {
  const refId = String.fromCharCode("A".charCodeAt(0) + index);
  return new DataqueryBuilder().refId(refId).datasource(SOURCE).expr(expr).legendFormat(legend);
}

function thresholds(limits?: readonly [number, number]) {
  const steps = [{ value: null, color: "green" }];
  const [warning, critical] = limits ?? [];
  const worse = [
    { value: warning, color: "yellow" },
    { value: critical, color: "red" },
  ].flatMap(({ value, color }) => (value === undefined ? [] : [{ value, color }]));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps, ...worse]);
}

/** @param metric the highest over the replicas that export the same */
export const world = (metric: string) => `max without (instance, pod) (${metric})`;
