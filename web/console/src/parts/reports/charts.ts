import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, LegendComponent, AriaComponent, CanvasRenderer]);

export interface Series {
  name: string;
  values: (number | null)[];
  /** Of the period before: drawn as what was, behind what is. */
  past?: boolean;
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draws one measure over its groups; returns the chart, which the caller disposes. */
export function draw(box: HTMLElement, kind: "bar" | "line", keys: string[], series: Series[], told: (value: number) => string): ECharts {
  const chart = init(box);
  const ink = colour("--ink-2");
  chart.setOption({
    animation: false,
    aria: { enabled: true },
    color: [colour("--accent"), colour("--info"), colour("--warn")],
    textStyle: { fontFamily: colour("--font") },
    grid: { left: 56, right: 16, top: series.length > 1 ? 36 : 16, bottom: 32 },
    legend: series.length > 1 ? { type: "scroll", textStyle: { color: ink }, top: 0 } : undefined,
    // The default tooltip is HTML with inline styles, which the page's policy forbids.
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value: unknown) => (typeof value === "number" ? told(value) : "–") },
    xAxis: { type: "category", data: keys, axisLabel: { color: ink }, axisLine: { lineStyle: { color: colour("--edge-strong") } } },
    yAxis: { type: "value", axisLabel: { color: ink, formatter: told }, splitLine: { lineStyle: { color: colour("--edge") } } },
    series: series.map((one) => ({
      name: one.name, type: kind, data: one.values, connectNulls: false, barMaxWidth: 36,
      ...(one.past && { z: 1, lineStyle: { type: "dashed", color: colour("--ink-3") }, itemStyle: { color: colour("--edge-strong") } }),
    })),
  });
  return chart;
}
