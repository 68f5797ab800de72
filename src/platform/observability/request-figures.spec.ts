import { describe, it, expect } from '@jest/globals';
import { RequestFigures } from './request-figures.js';

const lines = (figures: RequestFigures): string[] => figures.text().split('\n');

describe('RequestFigures', () => {
  it('counts by method, route and status', () => {
    const figures = new RequestFigures();
    figures.observe('GET', '/a', 200, 0.001);
    figures.observe('GET', '/a', 200, 0.001);
    figures.observe('POST', '/a', 201, 0.001);
    figures.observe('GET', '/a', 404, 0.001);
    expect(lines(figures)).toEqual(
      expect.arrayContaining([
        'http_requests_total{method="GET",route="/a",status="200"} 2',
        'http_requests_total{method="POST",route="/a",status="201"} 1',
        'http_requests_total{method="GET",route="/a",status="404"} 1',
      ]),
    );
  });
  it('sums the steps of a histogram up, bounds included', () => {
    const figures = new RequestFigures();
    for (const seconds of [0.0005, 0.001, 0.3, 99]) figures.observe('GET', '/a', 200, seconds);
    const labels = 'method="GET",route="/a",status="200"';
    expect(lines(figures)).toEqual(
      expect.arrayContaining([
        `http_request_duration_seconds_bucket{${labels},le="0.001"} 2`,
        `http_request_duration_seconds_bucket{${labels},le="0.25"} 2`,
        `http_request_duration_seconds_bucket{${labels},le="0.5"} 3`,
        `http_request_duration_seconds_bucket{${labels},le="10"} 3`,
        `http_request_duration_seconds_bucket{${labels},le="+Inf"} 4`,
        `http_request_duration_seconds_count{${labels}} 4`,
        `http_request_duration_seconds_sum{${labels}} ${String(0.0005 + 0.001 + 0.3 + 99)}`,
      ]),
    );
  });
  it('escapes what a label may not hold as it is', () => {
    const figures = new RequestFigures();
    figures.observe('GET', '/a"\\', 200, 1);
    expect(figures.text()).toContain('route="/a\\"\\\\"');
  });
});
