// The window's entry: the backend that was chosen at build time, the state, and the frame.
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/library.css";

import { backend } from "#backend";
import { mount } from "svelte";

import Window from "./features/frame/Window.svelte";
import { App } from "./state/app.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
mount(Window, { target, props: { app: new App(backend) } });
