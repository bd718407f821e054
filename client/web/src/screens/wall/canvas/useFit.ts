import { useEffect, useMemo, useState } from "react";

import { type Fit, fitText } from "../../../state/wall/fit";

const CACHE_MAX = 4_000;
const FAMILY = "Atkinson Hyperlegible Next Variable";

/** How texts fit on notes, measured in the app's own letters; measured anew once they have been loaded. */
export function useFit(): (text: string) => Fit {
  const [loaded, setLoaded] = useState(() => document.fonts.check(`16px "${FAMILY}"`));
  useEffect(() => {
    let here = true;
    void document.fonts.load(`16px "${FAMILY}"`).then(() => {
      if (here) setLoaded(true);
    });
    return () => {
      here = false;
    };
  }, []);
  return useMemo(() => fitter(loaded ? `"${FAMILY}", sans-serif` : "sans-serif"), [loaded]);
}

function fitter(family: string): (text: string) => Fit {
  const brush = document.createElement("canvas").getContext("2d");
  const cache = new Map<string, Fit>();
  const measure = (text: string, size: number) => {
    if (!brush) return (text.length * size) / 2;
    brush.font = `500 ${size}px ${family}`;
    return brush.measureText(text).width;
  };
  return (text) => {
    const known = cache.get(text);
    if (known) return known;
    if (cache.size >= CACHE_MAX) cache.clear();
    const fit = fitText(text, measure);
    cache.set(text, fit);
    return fit;
  };
}
