import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { settings } from "./live/settings.svelte";
import { wall } from "./live/wall.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
settings.show();
wall.start();
mount(App, { target });
