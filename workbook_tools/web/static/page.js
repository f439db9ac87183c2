// Better with it, complete without it: the page works when scripts are off.
"use strict";
(function () {
  var form = document.querySelector("form.upload");
  if (!form) return;
  var input = form.querySelector("input[type=file]"), drop = form.querySelector(".drop");
  var chosen = form.querySelector(".chosen"), wait = form.querySelector(".wait"), button = form.querySelector("button");
  function told() {
    var files = Array.prototype.slice.call(input.files), size = 0;
    files.forEach(function (file) { size += file.size; });
    var most = Number(form.dataset.most), many = Number(form.dataset.files);
    var fault = files.length > many ? "一次最多 " + many + " 个文件，现在选了 " + files.length + " 个；请分几次"
      : files.length === 1 && size > most ? "这个文件 " + Math.ceil(size / 1048576) + " MB，超过了 " + most / 1048576 + " MB；请删去与自评表无关的工作表和图片"
      : size > most ? "合计 " + Math.ceil(size / 1048576) + " MB，超过了 " + most / 1048576 + " MB；请分几次" : "";
    chosen.textContent = fault || files.map(function (file) { return file.name; }).join("、");
    chosen.classList.toggle("error", !!fault);
    button.disabled = !!fault;
  }
  input.addEventListener("change", told);
  ["dragenter", "dragover"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.remove("over"); });
  });
  drop.addEventListener("drop", function (event) {
    if (event.dataTransfer && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; told(); }
  });
  form.addEventListener("submit", function () { wait.hidden = false; setTimeout(function () { button.disabled = true; }, 0); });
  window.addEventListener("pageshow", function () { wait.hidden = true; button.disabled = false; });
})();
