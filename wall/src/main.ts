import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import "./office.css";
import { session } from "./live/session.svelte";
import { settings } from "./live/settings.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
settings.show();
mount(App, { target });
void session.start();
