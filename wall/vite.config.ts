/// <reference types="vitest/config" />
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Relative, so that the wall also works under a path of somebody's reverse proxy.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: { target: "es2022", modulePreload: false, chunkSizeWarningLimit: 400 },
  server: { proxy: { "/api": process.env["ANLAN_URL"] ?? "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", css: true },
});
