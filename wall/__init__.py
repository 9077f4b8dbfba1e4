"""Shell. The duty room's wall: a web page (Svelte, TypeScript), built into `wall/dist` and served by alerts."""
