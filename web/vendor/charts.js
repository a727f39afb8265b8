// The part of ECharts the pages use, bundled once into dist/vendor-charts.js (canvas renderer only).
import { use, init } from 'echarts/core';
import { LineChart, BarChart, SankeyChart } from 'echarts/charts';
import { GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, MarkPointComponent, MarkAreaComponent,
  DataZoomInsideComponent, AriaComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';

use([LineChart, BarChart, SankeyChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent,
  MarkPointComponent, MarkAreaComponent, DataZoomInsideComponent, AriaComponent, CanvasRenderer]);

export { init };
