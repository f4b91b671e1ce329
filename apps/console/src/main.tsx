import { render } from "preact";
import { App } from "./app.tsx";
import { startInstances } from "./rest/instances.ts";
import { startPulse } from "./state/live.ts";
import { startTheme } from "./state/theme.ts";
import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/charts.css";
import "./styles/pages.css";

startTheme();
startPulse();
startInstances();
const root = document.querySelector("#app");
if (root !== null) render(<App />, root);
